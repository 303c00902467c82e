using SendExchange.Chassis;
using SendExchange.Contracts;
using SendExchange.Education.Intake;
using SendExchange.Education.V1;
using AdviceGiven = SendExchange.Contracts.AdviceGiven;

namespace SendExchange.Education;

/// <summary>Owns the cases: takes in what organisations say happened and tells the others, thinly.</summary>
public static class Education
{
    public const string Name = "education";

    public static void AddEducation(this ChassisBuilder chassis)
    {
        chassis
            .AddService(Name, typeof(Education).Assembly)
            .Consume<RecordGivenAdvice, AdviceGiven>("advice-given")
            .Publish<AssessmentFactsRecorded>("aggregator.facts")
            .Publish<AdviceRequested>("health.advice-requested", "social-care.advice-requested")
            .Publish<AdviceRequestWithdrawn>("health.advice-request-withdrawn", "social-care.advice-request-withdrawn")
            .Publish<AdviceGivenRecorded>("health.advice-given-recorded", "social-care.advice-given-recorded")
            .Publish<AdviceGivenWithdrawn>("health.advice-given-withdrawn", "social-care.advice-given-withdrawn");
        chassis.Services.AddSingleton<Committer>();
        chassis.Services.AddHostedService(provider => provider.GetRequiredService<Committer>());
        chassis.Services.AddSingleton(AssessmentIntakeService.Descriptor);
    }

    public static void MapEducation(this WebApplication app) => app.MapGrpcService<AssessmentIntake>();
}
