using System.Reflection;
using Google.Protobuf.Reflection;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Grpc.Reflection.V1;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Asked = Grpc.Reflection.V1.ServerReflectionRequest.MessageRequestOneofCase;

namespace SendExchange.Chassis;

/// <summary>Describes the services mapped in this process to generic clients, as grpcurl is one.</summary>
internal sealed class GrpcReflection(EndpointDataSource endpoints, IHostApplicationLifetime lifetime)
    : ServerReflection.ServerReflectionBase
{
    public override async Task ServerReflectionInfo(
        IAsyncStreamReader<ServerReflectionRequest> requestStream,
        IServerStreamWriter<ServerReflectionResponse> responseStream,
        ServerCallContext context
    )
    {
        // A client may keep its stream open for ever; the process need not outlive its stop for its sake.
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        var services = Mapped();
        var files = WithImports(services.Select(service => service.File)).ToDictionary(file => file.Name);
        var symbols = files.Values.SelectMany(Symbols).DistinctBy(symbol => symbol.Name).ToDictionary(x => x.Name, x => x.Symbol);
        try
        {
            await foreach (var request in requestStream.ReadAllAsync(ending.Token))
            {
                await responseStream.WriteAsync(Answer(request), context.CancellationToken);
            }
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "This process is stopping."));
        }

        ServerReflectionResponse Answer(ServerReflectionRequest request)
        {
            var answer = new ServerReflectionResponse { ValidHost = request.Host, OriginalRequest = request };
            switch (request.MessageRequestCase)
            {
                case Asked.ListServices:
                    answer.ListServicesResponse = new() { Service = { services.Select(s => new ServiceResponse { Name = s.FullName }) } };
                    break;
                case Asked.FileByFilename when files.TryGetValue(request.FileByFilename, out var file):
                    answer.FileDescriptorResponse = Content(file);
                    break;
                case Asked.FileContainingSymbol when symbols.TryGetValue(request.FileContainingSymbol, out var symbol):
                    answer.FileDescriptorResponse = Content(symbol.File);
                    break;
                // Contracts in proto3 extend nothing, so a message has no numbers to tell, and no extension is ever found.
                case Asked.AllExtensionNumbersOfType
                    when symbols.GetValueOrDefault(request.AllExtensionNumbersOfType) is MessageDescriptor message:
                    answer.AllExtensionNumbersResponse = new() { BaseTypeName = message.FullName };
                    break;
                case Asked.None:
                    answer.ErrorResponse = Error(StatusCode.InvalidArgument, "The request asks for nothing.");
                    break;
                default:
                    answer.ErrorResponse = Error(StatusCode.NotFound, $"Nothing here for {request}.");
                    break;
            }
            return answer;
        }
    }

    private static FileDescriptorResponse Content(FileDescriptor file) =>
        new() { FileDescriptorProto = { WithImports([file]).Select(f => f.SerializedData) } };

    private static ErrorResponse Error(StatusCode code, string message) => new() { ErrorCode = (int)code, ErrorMessage = message };

    /// <summary>By name. The generated base class of a mapped service leads to its descriptor, so there is no list to keep.</summary>
    private List<ServiceDescriptor> Mapped() =>
        [
            .. endpoints
                .Endpoints.Select(endpoint => endpoint.Metadata.GetMetadata<GrpcMethodMetadata>()?.ServiceType)
                .OfType<Type>()
                .Distinct()
                .Select(type => type.GetCustomAttribute<BindServiceMethodAttribute>()?.BindType.GetProperty("Descriptor")?.GetValue(null))
                .OfType<ServiceDescriptor>()
                .OrderBy(service => service.FullName, StringComparer.Ordinal),
        ];

    private static List<FileDescriptor> WithImports(IEnumerable<FileDescriptor> files)
    {
        var found = files.DistinctBy(file => file.Name).ToList();
        for (var at = 0; at < found.Count; at++)
        {
            found.AddRange(found[at].Dependencies.ExceptBy(found.Select(file => file.Name), file => file.Name).ToList());
        }
        return found;
    }

    private static IEnumerable<(string Name, IDescriptor Symbol)> Symbols(FileDescriptor file) =>
        [
            .. file.Services.SelectMany(service => service.Methods.Prepend<IDescriptor>(service)).Select(s => (s.FullName, s)),
            .. file.MessageTypes.SelectMany(Symbols),
            .. file.EnumTypes.SelectMany(Symbols),
        ];

    private static IEnumerable<(string Name, IDescriptor Symbol)> Symbols(MessageDescriptor message) =>
        [
            (message.FullName, message),
            .. message.Fields.InDeclarationOrder().Select(field => (field.FullName, (IDescriptor)field)),
            .. message.Oneofs.Select(oneof => (oneof.FullName, (IDescriptor)oneof)),
            .. message.NestedTypes.SelectMany(Symbols),
            .. message.EnumTypes.SelectMany(Symbols),
        ];

    // In protobuf the values of an enum are named beside it, not inside it.
    private static IEnumerable<(string Name, IDescriptor Symbol)> Symbols(EnumDescriptor e) =>
        e.Values.Select(value => (e.FullName[..^e.Name.Length] + value.Name, (IDescriptor)value)).Prepend((e.FullName, e));
}
