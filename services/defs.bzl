"""One binary for each pair of exchange and service."""

load("//common/bazel:defs.bzl", "switchyard_cc_binary")
load("//services:exchanges.bzl", "EXCHANGES", "EXCHANGE_FOLDERS")

def exchange_binaries(component, deps):
    """A binary `{exchange}_{component}` for each exchange, linking that exchange and no other.

    The package has a main.cc, which learns the exchange's id from SWITCHYARD_EXCHANGE_ID. Each
    binary comes with a test that looks at its symbols. All but market data serve accounts and so
    link the exchange's private half, too.
    """
    halves = [""] if component == "market_data" else ["", "_private"]
    for exchange, folder in EXCHANGES.items():
        binary = "%s_%s" % (exchange, component)
        switchyard_cc_binary(
            name = binary,
            srcs = ["main.cc"],
            local_defines = ['SWITCHYARD_EXCHANGE_ID=\\"%s\\"' % exchange],
            visibility = ["//visibility:public"],
            deps = deps + ["//services/process:one_exchange_main"] +
                   ["//exchanges:" + folder + half for half in halves],
        )
        native.sh_test(
            name = binary + "_symbols_test",
            size = "small",
            srcs = ["//services:symbols_test.sh"],
            args = ["$(location :%s)" % binary, folder] +
                   [other for other in EXCHANGE_FOLDERS if other != folder],
            data = [":" + binary],
        )
