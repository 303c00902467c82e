using SendExchange.Aggregator;
using SendExchange.Chassis;

var builder = WebApplication.CreateBuilder(args);
builder.AddChassis(exchange => exchange.AddAggregator());
var app = builder.Build();
app.UseChassis();
app.MapAggregator();
await app.RunAsync();
