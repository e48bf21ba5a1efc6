"""The exchanges. A new one is a line here, and its target in //exchanges."""

# Id -> folder under exchanges/, which is also its target's and namespace's name. Products of one
# exchange share both.
EXCHANGES = {
    "gateio": "gateio",
    "gateio_futures": "gateio",
    "lighter": "lighter",
}

# Folders, each once.
EXCHANGE_FOLDERS = {folder: None for folder in EXCHANGES.values()}.keys()
