using SendExchange.Chassis;
using SendExchange.Health;

var builder = WebApplication.CreateBuilder(args);
builder.AddChassis(exchange => exchange.AddHealth());
var app = builder.Build();
app.UseChassis();
app.MapHealth();
await app.RunAsync();
