"""The transport: tempo, meter, key and length of the session, their source, playback and volume."""
