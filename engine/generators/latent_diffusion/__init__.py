"""The latent-diffusion families: MusicLDM and AudioLDM 2.

Read `pipeline.py` first: prompt -> embeddings -> latents -> mel -> waveform, on one page.
"""
