using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using SendExchange.Chassis.Rpc;
using Status = Grpc.Core.Status;

namespace SendExchange.Chassis;

/// <summary>Refusals of a call, with the standard error details that clients in any language can read.</summary>
public static class GrpcErrors
{
    /// <summary>INVALID_ARGUMENT that names every field at fault: what was seen and what was expected.</summary>
    public static RpcException Invalid(params (string Field, string Problem)[] faults)
    {
        var violations = new BadRequest();
        violations.FieldViolations.AddRange(
            faults.Select(f => new BadRequest.Types.FieldViolation { Field = f.Field, Description = f.Problem })
        );
        var text = string.Join("; ", faults.Select(f => $"{f.Field}: {f.Problem}"));
        var status = new Rpc.Status
        {
            Code = (int)StatusCode.InvalidArgument,
            Message = text,
            Details = { Any.Pack(violations) },
        };
        return new RpcException(
            new Status(StatusCode.InvalidArgument, text),
            new Metadata { { "grpc-status-details-bin", status.ToByteArray() } }
        );
    }

    public static RpcException NotFound(string what) => new(new Status(StatusCode.NotFound, what));

    public static RpcException Denied(string why) => new(new Status(StatusCode.PermissionDenied, why));
}
