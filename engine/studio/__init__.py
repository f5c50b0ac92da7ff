"""A studio: many machines that make loops for many musicians, held together by Ray.

A front end starts a relay, as for an engine over ssh. The relay talks to the desk, an actor on the
head of the cluster, which takes in the jobs of all musicians, splits them into single takes, and
gives these to workers. A worker is an actor on one of the boxes, with an ordinary engine of its
own, whose model stays in memory. Ray is imported here and nowhere else, and only when it is used.
"""
