using System.Reflection;
using Dapper;
using Microsoft.Extensions.Hosting;

namespace SendExchange.Chassis;

/// <summary>Brings each service's database up to date before anything else starts. Forward only, in order of name.</summary>
/// <remarks>
/// Migrations are embedded <c>migrations/NNN_what.sql</c> in SQL that SQLite and PostgreSQL both accept; the chassis' own come
/// first. Replicas that start together wait for each other.
/// </remarks>
internal sealed class Migrations(IEnumerable<ServiceRegistration> services, IServiceProvider provider) : IHostedService
{
    private const long AdvisoryLock = 20140901; // The day the SEND Regulations came into force; any number would do.

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var service in services)
        {
            var database = service.Database(provider);
            await Migrate(database, service.Assembly, cancellationToken);
            await Outbox.ReleaseLeases(database, cancellationToken);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Applies what has not been applied yet.</summary>
    internal static Task Migrate(Database database, Assembly service, CancellationToken cancellationToken) =>
        database.Transact(
            async tx =>
            {
                if (database.IsPostgres)
                {
                    await tx.Execute("select pg_advisory_xact_lock(@AdvisoryLock)", new { AdvisoryLock });
                }
                await tx.Execute(
                    "create table if not exists schema_migrations (name text not null primary key, applied_at timestamptz not null)"
                );
                var applied = (await tx.Query<string>("select name from schema_migrations")).ToHashSet();
                foreach (var (name, sql) in Scripts(typeof(Migrations).Assembly).Concat(Scripts(service)))
                {
                    if (applied.Add(name))
                    {
                        await tx.Execute(sql);
                        await tx.Execute(
                            "insert into schema_migrations (name, applied_at) values (@name, @now)",
                            new { name, now = database.Clock.GetUtcNow() }
                        );
                    }
                }
            },
            cancellationToken
        );

    private static IEnumerable<(string Name, string Sql)> Scripts(Assembly assembly)
    {
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith("migrations/", StringComparison.Ordinal)).Order())
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            yield return (name["migrations/".Length..], reader.ReadToEnd());
        }
    }
}
