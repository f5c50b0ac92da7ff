"""ACE-Step 1.5: text, and music that is there, to stereo loops at 48 kHz.

`pipeline.py` shows how on one page: caption, tempo, key, meter and lyrics become conditions, noise
becomes latents in a few steps beside a context, and the autoencoder turns them into sound.
`wording.py` has what the model is told, in the words that it was trained with.
"""
