using SendExchange.Chassis;
using SendExchange.Contracts;
using SendExchange.SocialCare.Advice;
using SendExchange.SocialCare.V1;
using SendExchange.Statute;

namespace SendExchange.SocialCare;

/// <summary>Owns what social-care bodies are asked for and the advice they give.</summary>
public static class SocialCare
{
    public const string Name = "social-care";

    /// <summary>A whole authority's year may arrive at once: a commit a message would be the slowest part of it.</summary>
    private const int MessagesPerCommit = 100;

    public static void AddSocialCare(this ChassisBuilder chassis)
    {
        chassis
            .AddService(Name, typeof(SocialCare).Assembly)
            .ConsumeBatches<TakeRequest, AdviceRequested>("advice-requested", MessagesPerCommit)
            .Consume<TakeWithdrawal, AdviceRequestWithdrawn>("advice-request-withdrawn")
            .ConsumeBatches<TakeGiven, AdviceGivenRecorded>("advice-given-recorded", MessagesPerCommit)
            .Consume<TakeGivenWithdrawal, AdviceGivenWithdrawn>("advice-given-withdrawn")
            .Publish<AdviceGiven>("education.advice-given");
        chassis.Services.AddSingleton(SocialCareAdviceService.Descriptor);
    }

    public static void MapSocialCare(this WebApplication app) => app.MapGrpcService<SocialCareAdvice>();

    /// <summary>Whether this service speaks for that organisation.</summary>
    internal static bool IsSocialCareBody(string organisation) =>
        OrganisationId.TryParse(organisation, out var id, out _) && id.Kind == OrganisationKind.SocialCare;
}
