"""Build macros: compiler flags and the test runner live here and nowhere else."""

_COPTS = [
    "-std=c++20",
    "-Wall",
    "-Wextra",
    "-Werror",
    # g++ 12 reports these falsely in optimised Boost and std::string code (GCC bugs 105329, 105562).
    "-Wno-restrict",
    "-Wno-maybe-uninitialized",
]

def switchyard_cc_library(name, copts = [], **kwargs):
    """A library of this project."""
    native.cc_library(name = name, copts = _COPTS + copts, **kwargs)

def switchyard_cc_binary(name, copts = [], **kwargs):
    """A program of this project."""
    native.cc_binary(name = name, copts = _COPTS + copts, **kwargs)

def switchyard_cc_test(name, srcs, deps = [], copts = [], data = [], **kwargs):
    """A GoogleTest of this project."""
    native.cc_test(
        name = name,
        srcs = srcs,
        copts = _COPTS + copts,
        # --config=tsan names it in TSAN_OPTIONS.
        data = data + ["//tests:tsan.supp"],
        deps = deps + ["//common/bazel:gtest_main"],
        **kwargs
    )
