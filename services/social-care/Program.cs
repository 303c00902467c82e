using SendExchange.Chassis;
using SendExchange.SocialCare;

var builder = WebApplication.CreateBuilder(args);
builder.AddChassis(exchange => exchange.AddSocialCare());
var app = builder.Build();
app.UseChassis();
app.MapSocialCare();
await app.RunAsync();
