"""Connects the models with the prompt panel, where one of them is chosen."""

from desktop.library.controller import ModelsController
from desktop.prompt.panel import PromptPanel
from desktop.transport.strip import Transport


def offer_models(models: ModelsController, panel: PromptPanel, transport: Transport) -> None:
    """Show the models in the prompt panel, and on their page which is chosen and how long it takes.

    How long depends on the length of a take, which is that of the session.
    """
    for changed in (transport.time_changed, transport.time_shown):
        changed.connect(lambda: models.page.show_session(transport.time))
    models.page.show_session(transport.time)
    models.models_changed.connect(panel.show_models)
    models.model_chosen.connect(panel.choose_model)
    panel.get_model_clicked.connect(models.offer)
    panel.model.currentIndexChanged.connect(
        lambda: models.page.show_in_use(panel.model.currentData() or "")
    )
    models.page.show_in_use(panel.model.currentData() or "")
    models.show()
