# ANSSI-BP-028 R36: new files are their owner's only.
umask 0077
