"""Other registries' verdicts on JSON Schemas, for teams that migrate from them.

A profile quotes what another registry would say, in that registry's words. It proves nothing, so
its findings carry no witness and are only noted. Called by the command line and by publishing.
"""

from contracts.compat.profiles.run import judge as judge
