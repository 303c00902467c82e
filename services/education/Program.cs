using SendExchange.Chassis;
using SendExchange.Education;

var builder = WebApplication.CreateBuilder(args);
builder.AddChassis(exchange => exchange.AddEducation());
var app = builder.Build();
app.UseChassis();
app.MapEducation();
await app.RunAsync();
