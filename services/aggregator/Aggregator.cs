using SendExchange.Aggregator.Clock;
using SendExchange.Aggregator.Facts;
using SendExchange.Aggregator.Packs;
using SendExchange.Aggregator.Reports;
using SendExchange.Aggregator.V1;
using SendExchange.Chassis;
using SendExchange.Contracts;

namespace SendExchange.Aggregator;

/// <summary>Enforces the statutory timescale: facts in, obligations and breaches out, figures and records for who may see them.</summary>
public static class Aggregator
{
    public const string Name = "aggregator";

    public static void AddAggregator(this ChassisBuilder chassis)
    {
        chassis
            .AddService(Name, typeof(Aggregator).Assembly)
            .ConsumeBatches<TakeFacts, AssessmentFactsRecorded>("facts", TakeFacts.MostAtOnce);
        chassis.Services.AddSingleton(AggregatorOptions.From(chassis.Configuration));
        chassis.Services.AddSingleton<CasesToRead>();
        chassis.Services.AddSingleton<Arrival>();
        chassis.Services.AddSingleton<LawInForce>();
        chassis.Services.AddHostedService<ReadCases>();
        chassis.Services.AddHostedService<CheckClocks>();
        chassis.Services.AddSingleton(ReportService.Descriptor);
        chassis.Services.AddSingleton(LawService.Descriptor);
    }

    public static void MapAggregator(this WebApplication app)
    {
        app.MapGrpcService<Reporting>();
        app.MapGrpcService<Lawmaking>();
    }
}
