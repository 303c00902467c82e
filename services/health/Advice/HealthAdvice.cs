using Microsoft.AspNetCore.Authorization;
using SendExchange.Chassis;
using SendExchange.Health.V1;

namespace SendExchange.Health.Advice;

/// <summary>The gRPC face of health advice; its methods are in <c>ListAdvice.cs</c> and <c>GiveAdvice.cs</c>.</summary>
[Authorize(Roles = "adviser")]
public sealed partial class HealthAdvice([FromKeyedServices(Health.Name)] Database database, TimeProvider clock)
    : HealthAdviceService.HealthAdviceServiceBase;
