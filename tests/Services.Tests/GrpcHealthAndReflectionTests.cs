using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Grpc.Reflection.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using SendExchange.Chassis;
using SendExchange.Services.Tests.Echoing;
using SendExchange.Testing;
using HealthClient = Grpc.Health.V1.Health.HealthClient;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace SendExchange.Services.Tests;

public sealed class GrpcHealthAndReflectionTests : IAsyncLifetime
{
    private const string Echo = "sendexchange.tests.v1.EchoService";
    private static readonly string Key = Auth.NewDevelopmentKey();

    private readonly StoppedClock clock = new(new DateOnly(2026, 9, 2));
    private HealthCheckResult database = HealthCheckResult.Healthy();
    private WebApplication server = null!;
    private GrpcChannel channel = null!;
    private HealthClient health = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["Auth:DevelopmentKey"] = Key;
        builder.Configuration["Grpc:Url"] = $"http://127.0.0.1:{FreePort.Next()}";
        builder.Configuration["Http:Url"] = $"http://127.0.0.1:{FreePort.Next()}";
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.AddChassis(_ => { });
        builder
            .Services.AddHealthChecks()
            .AddCheck("database", () => database, ["ready"])
            .AddCheck("curiosity", () => HealthCheckResult.Unhealthy());
        server = builder.Build();
        server.UseChassis();
        server.MapGrpcService<SilentEcho>();
        await server.StartAsync(Stop);
        channel = GrpcChannel.ForAddress(server.Configuration["Grpc:Url"]!);
        health = new(channel);
    }

    public async ValueTask DisposeAsync()
    {
        channel.Dispose();
        await server.DisposeAsync();
    }

    [Theory]
    [InlineData(HealthStatus.Healthy, ServingStatus.Serving, 200)]
    [InlineData(HealthStatus.Degraded, ServingStatus.Serving, 200)]
    [InlineData(HealthStatus.Unhealthy, ServingStatus.NotServing, 503)]
    public async Task Health_by_gRPC_is_what_the_ready_page_tells(HealthStatus status, ServingStatus expected, int page)
    {
        database = new(status);
        using var http = new HttpClient();

        using var ready = await http.GetAsync(new Uri($"{server.Configuration["Http:Url"]}/health/ready"), Stop);
        var process = await health.CheckAsync(new HealthCheckRequest(), cancellationToken: Stop);
        var service = await health.CheckAsync(new HealthCheckRequest { Service = Echo }, cancellationToken: Stop);

        Assert.Equal((page, expected, expected), ((int)ready.StatusCode, process.Status, service.Status));
    }

    [Fact]
    public async Task Checking_a_service_that_is_not_here_is_not_found()
    {
        var error = await Assert.ThrowsAsync<RpcException>(async () =>
            await health.CheckAsync(new HealthCheckRequest { Service = "absent.v1.AbsentService" }, cancellationToken: Stop)
        );

        Assert.Equal((StatusCode.NotFound, "No service 'absent.v1.AbsentService' here."), (error.StatusCode, error.Status.Detail));
    }

    [Fact]
    public async Task Listing_tells_of_every_service_and_of_the_process()
    {
        var list = await health.ListAsync(new HealthListRequest(), cancellationToken: Stop);

        Assert.Equal(
            ["", "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", Echo],
            list.Statuses.Keys.Order(StringComparer.Ordinal)
        );
        Assert.All(list.Statuses.Values, entry => Assert.Equal(ServingStatus.Serving, entry.Status));
    }

    [Fact]
    public async Task A_watcher_hears_what_is_and_each_change_and_the_end()
    {
        using var watch = health.Watch(new HealthCheckRequest { Service = Echo }, cancellationToken: Stop);
        Assert.Equal(ServingStatus.Serving, await Next());

        database = HealthCheckResult.Unhealthy();
        Assert.Equal(ServingStatus.NotServing, await Next());

        database = HealthCheckResult.Healthy();
        Assert.Equal(ServingStatus.Serving, await Next());

        var stopping = server.StopAsync(Stop);
        Assert.Equal(ServingStatus.NotServing, await Next());
        Assert.False(await watch.ResponseStream.MoveNext(Stop));
        await stopping.WaitAsync(TimeSpan.FromSeconds(10), Stop); // The open stream did not hold the process up.

        async Task<ServingStatus> Next()
        {
            var next = watch.ResponseStream.MoveNext(Stop);
            while (!next.IsCompleted)
            {
                clock.Advance(TimeSpan.FromSeconds(5));
                await Task.WhenAny(next, Task.Delay(20, Stop));
            }
            Assert.True(await next);
            return watch.ResponseStream.Current.Status;
        }
    }

    [Fact]
    public async Task Watching_a_service_that_is_not_here_tells_so_and_goes_on()
    {
        using var watch = health.Watch(new HealthCheckRequest { Service = "absent.v1.AbsentService" }, cancellationToken: Stop);

        Assert.True(await watch.ResponseStream.MoveNext(Stop));
        Assert.Equal(ServingStatus.ServiceUnknown, watch.ResponseStream.Current.Status);
        Assert.False(watch.ResponseStream.MoveNext(Stop).IsCompleted);
    }

    [Fact]
    public async Task Reflection_lists_the_mapped_services()
    {
        var answer = await Ask(new ServerReflectionRequest { ListServices = "*" });

        Assert.Equal(
            ["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", Echo],
            answer.ListServicesResponse.Service.Select(service => service.Name)
        );
    }

    [Theory]
    [InlineData("sendexchange.tests.v1.EchoService", "echo.proto")]
    [InlineData("sendexchange.tests.v1.EchoService.Chat", "echo.proto")]
    [InlineData("sendexchange.tests.v1.Line.text", "echo.proto")]
    [InlineData("grpc.health.v1.HealthCheckResponse", "grpc/health/v1/health.proto")]
    [InlineData("grpc.health.v1.HealthCheckResponse.ServingStatus", "grpc/health/v1/health.proto")]
    [InlineData("grpc.health.v1.HealthCheckResponse.NOT_SERVING", "grpc/health/v1/health.proto")]
    [InlineData("grpc.health.v1.HealthListResponse.StatusesEntry", "grpc/health/v1/health.proto")]
    [InlineData("grpc.reflection.v1.ServerReflectionRequest.message_request", "grpc/reflection/v1/reflection.proto")]
    public async Task Reflection_finds_the_file_of_a_symbol_and_by_its_name(string symbol, string file)
    {
        var bySymbol = await Ask(new ServerReflectionRequest { FileContainingSymbol = symbol });
        var byName = await Ask(new ServerReflectionRequest { FileByFilename = file });

        var content = Assert.Single(bySymbol.FileDescriptorResponse.FileDescriptorProto);
        Assert.Equal(file, FileDescriptorProto.Parser.ParseFrom(content).Name);
        Assert.Equal(bySymbol.FileDescriptorResponse, byName.FileDescriptorResponse);
        Assert.Equal(symbol, bySymbol.OriginalRequest.FileContainingSymbol);
    }

    [Fact]
    public async Task What_reflection_does_not_find_is_an_error_of_that_answer_and_the_stream_goes_on()
    {
        var answers = await AskAll(
            new ServerReflectionRequest { FileContainingSymbol = "absent.v1.AbsentService" },
            new ServerReflectionRequest { FileByFilename = "absent.proto" },
            new ServerReflectionRequest
            {
                FileContainingExtension = new() { ContainingType = "sendexchange.tests.v1.Line", ExtensionNumber = 7 },
            },
            new ServerReflectionRequest { AllExtensionNumbersOfType = "absent.v1.Absent" },
            new ServerReflectionRequest(),
            new ServerReflectionRequest { AllExtensionNumbersOfType = "sendexchange.tests.v1.Line" }
        );

        Assert.Equal(
            [StatusCode.NotFound, StatusCode.NotFound, StatusCode.NotFound, StatusCode.NotFound, StatusCode.InvalidArgument],
            answers[..5].Select(answer => (StatusCode)answer.ErrorResponse.ErrorCode)
        );
        Assert.Equal(new ExtensionNumberResponse { BaseTypeName = "sendexchange.tests.v1.Line" }, answers[5].AllExtensionNumbersResponse);
    }

    [Fact]
    public async Task Health_needs_no_token_and_reflection_does()
    {
        await health.CheckAsync(new HealthCheckRequest(), cancellationToken: Stop);

        using var call = new ServerReflection.ServerReflectionClient(channel).ServerReflectionInfo(cancellationToken: Stop);
        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Stop));
        Assert.Equal(StatusCode.Unauthenticated, error.StatusCode);
    }

    private async Task<ServerReflectionResponse> Ask(ServerReflectionRequest request) => (await AskAll(request)).Single();

    private async Task<List<ServerReflectionResponse>> AskAll(params ServerReflectionRequest[] requests)
    {
        var now = TimeProvider.System.GetUtcNow();
        var token = Auth.DevelopmentToken(Key, "la:350", ["sender"], now, validFor: TimeSpan.FromMinutes(5));
        using var call = new ServerReflection.ServerReflectionClient(channel).ServerReflectionInfo(
            new Metadata { { "authorization", $"Bearer {token}" } },
            cancellationToken: Stop
        );
        var answers = new List<ServerReflectionResponse>();
        foreach (var request in requests)
        {
            await call.RequestStream.WriteAsync(request, Stop);
            Assert.True(await call.ResponseStream.MoveNext(Stop));
            answers.Add(call.ResponseStream.Current);
        }
        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext(Stop));
        return answers;
    }

    private sealed class SilentEcho : EchoService.EchoServiceBase;
}
