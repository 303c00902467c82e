using SendExchange.Chassis;
using SendExchange.Contracts;
using SendExchange.Health.Advice;
using SendExchange.Health.V1;
using SendExchange.Statute;

namespace SendExchange.Health;

/// <summary>Owns what health bodies are asked for and the advice they give.</summary>
public static class Health
{
    public const string Name = "health";

    /// <summary>A whole authority's year may arrive at once: a commit a message would be the slowest part of it.</summary>
    private const int MessagesPerCommit = 100;

    public static void AddHealth(this ChassisBuilder chassis)
    {
        chassis
            .AddService(Name, typeof(Health).Assembly)
            .ConsumeBatches<TakeRequest, AdviceRequested>("advice-requested", MessagesPerCommit)
            .Consume<TakeWithdrawal, AdviceRequestWithdrawn>("advice-request-withdrawn")
            .ConsumeBatches<TakeGiven, AdviceGivenRecorded>("advice-given-recorded", MessagesPerCommit)
            .Consume<TakeGivenWithdrawal, AdviceGivenWithdrawn>("advice-given-withdrawn")
            .Publish<AdviceGiven>("education.advice-given");
        chassis.Services.AddSingleton(HealthAdviceService.Descriptor);
    }

    public static void MapHealth(this WebApplication app) => app.MapGrpcService<HealthAdvice>();

    /// <summary>Whether this service speaks for that organisation.</summary>
    internal static bool IsHealthBody(string organisation) =>
        OrganisationId.TryParse(organisation, out var id, out _)
        && id.Kind is OrganisationKind.IntegratedCareBoard or OrganisationKind.ClinicalCommissioningGroup or OrganisationKind.Trust;
}
