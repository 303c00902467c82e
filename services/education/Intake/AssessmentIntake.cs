using Microsoft.AspNetCore.Authorization;
using SendExchange.Chassis;
using SendExchange.Education.V1;

namespace SendExchange.Education.Intake;

/// <summary>The gRPC face of intake; its methods are in <c>RecordFact.cs</c> and <c>RecordFacts.cs</c>.</summary>
[Authorize(Roles = "sender,adviser")]
public sealed partial class AssessmentIntake(
    [FromKeyedServices(Education.Name)] Database database,
    TimeProvider clock,
    IHostApplicationLifetime lifetime
) : AssessmentIntakeService.AssessmentIntakeServiceBase;
