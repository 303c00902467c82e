using Grpc.Net.Client;
using SendExchange.Health.V1;

namespace SendExchange.EndToEnd.Tests;

/// <summary>A health body's own system: asks the exchange what it owes, and gives it.</summary>
/// <param name="organisation">E.g. icb:QOP.</param>
internal sealed class HealthBody(Exchange exchange, string organisation, string role = "adviser") : IDisposable
{
    private readonly GrpcChannel channel = GrpcChannel.ForAddress(exchange.Health);

    public async Task<IReadOnlyList<AskedAdvice>> Asked(bool owedOnly = false) =>
        (await Client.ListAdviceAsync(new ListAdviceRequest { OwedOnly = owedOnly }, Exchange.As(organisation, role))).Advice;

    /// <returns>Whether it is new.</returns>
    public async Task<bool> Give(string authority, string adviceId, string givenOn, string content)
    {
        var advice = new GiveAdviceRequest
        {
            Authority = authority,
            AdviceId = adviceId,
            GivenOn = givenOn,
            Content = content,
        };
        return (await Client.GiveAdviceAsync(advice, Exchange.As(organisation, role))).Recorded;
    }

    public void Dispose() => channel.Dispose();

    private HealthAdviceService.HealthAdviceServiceClient Client => new(channel);
}
