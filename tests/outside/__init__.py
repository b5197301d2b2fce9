"""Checks of the loopback faces by programs that others wrote; not part of the default test run.

* `python -m tests.outside.ccxt_suite`: ccxt's own exchange tests, which its wheel carries.
* `python -m tests.outside.sdks --python ENV/bin/python`: the exchanges' SDKs, as far as that Python has them.

Nothing of theirs is kept here: the first copies the tests out of the installed package for one run, the
second uses what is installed in an environment of its own.
"""
