using System.Reflection;

[assembly: CollectionBehavior(DisableTestParallelization = true)] // Each test has the processors to itself; several share servers.

namespace SendExchange.EndToEnd.Tests;

/// <summary>The programs under test, as the build has left them.</summary>
internal static class BuiltPrograms
{
    public static string Sendx { get; } = In("sendx", "sendx");

    /// <param name="service">E.g. social-care.</param>
    public static string Service(string service) =>
        In(service, "SendExchange." + string.Concat(service.Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..])));

    private static string In(string project, string assembly)
    {
        var path = Path.Combine(Metadata("RepositoryRoot"), "services", project, Metadata("BuildOutput"), assembly + ".dll");
        return File.Exists(path) ? path : throw new FileNotFoundException($"'{path}' is not built; building the tests builds it.", path);
    }

    private static string Metadata(string key) =>
        typeof(BuiltPrograms).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;
}
