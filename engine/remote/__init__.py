"""The engine on another machine, over the user's own ssh.

A front end starts a relay in place of the engine: it speaks the same protocol, and passes the jobs
to a host on the other machine, which runs an ordinary engine there. Sources go there and takes come
back; clips are tagged and written here, and no path of a project leaves this machine.
"""
