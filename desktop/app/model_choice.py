"""Connects the models with the prompt panel, where one of them is chosen."""

from desktop.library.controller import ModelsController
from desktop.prompt.panel import PromptPanel


def offer_models(models: ModelsController, panel: PromptPanel) -> None:
    """Show the models in the prompt panel, and on their page the one that is chosen there."""
    models.models_changed.connect(panel.show_models)
    models.model_chosen.connect(panel.choose_model)
    panel.get_model_clicked.connect(models.offer)
    panel.model.currentIndexChanged.connect(
        lambda: models.page.show_in_use(panel.model.currentData() or "")
    )
    models.page.show_in_use(panel.model.currentData() or "")
    models.show()
