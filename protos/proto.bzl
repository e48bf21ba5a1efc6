"""Generates C++ from the contract with the system's protoc and grpc_cpp_plugin."""

def switchyard_proto_library(name, src, grpc = False, deps = [], visibility = None):
    """One .proto as a C++ library.

    Include as "switchyard/<area>/v1/<file>.pb.h". With grpc, <name>_grpc is the service library
    ("<file>.grpc.pb.h"): kept apart because its headers are slow to compile.
    """
    stem = src[:-len(".proto")]
    package = native.package_name()
    native.filegroup(
        name = name + "_src",
        srcs = [src] + [dep + "_src" for dep in deps],
        visibility = ["//visibility:public"],
    )
    native.genrule(
        name = name + "_gen",
        srcs = [":" + name + "_src"],
        outs = [stem + ".pb.h", stem + ".pb.cc"],
        cmd = "/usr/bin/protoc -Iprotos --cpp_out=$(GENDIR)/protos %s/%s" % (package, src),
    )
    native.cc_library(
        name = name,
        srcs = [stem + ".pb.cc"],
        hdrs = [stem + ".pb.h"],
        copts = ["-std=c++20"],
        strip_include_prefix = "/protos",
        visibility = visibility,
        deps = deps + ["//common/bazel:protobuf"],
    )
    if grpc:
        native.genrule(
            name = name + "_grpc_gen",
            srcs = [":" + name + "_src"],
            outs = [stem + ".grpc.pb.h", stem + ".grpc.pb.cc"],
            cmd = "/usr/bin/protoc -Iprotos --grpc_out=$(GENDIR)/protos " +
                  "--plugin=protoc-gen-grpc=/usr/bin/grpc_cpp_plugin %s/%s" % (package, src),
        )
        native.cc_library(
            name = name + "_grpc",
            srcs = [stem + ".grpc.pb.cc"],
            hdrs = [stem + ".grpc.pb.h"],
            copts = ["-std=c++20"],
            strip_include_prefix = "/protos",
            visibility = visibility,
            deps = [":" + name, "//common/bazel:grpc"],
        )
