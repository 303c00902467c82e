namespace SendExchange.Testing;

/// <summary>The checked-out source, for tests that hold the rules of the house.</summary>
public static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>Full path of something in the repository.</summary>
    public static string PathOf(string relative) => Path.Combine(Root, relative);

    public static string Read(string relative) => File.ReadAllText(PathOf(relative));

    /// <summary>Source files below a folder, by paths relative to the root with forward slashes; nothing that a build or a tool has put there.</summary>
    public static IReadOnlyList<string> Files(string folder, string pattern) =>
        [
            .. Directory
                .EnumerateFiles(PathOf(folder), pattern, SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/'))
                .Where(file => !file.Split('/').Any(part => part is "bin" or "obj" or "node_modules"))
                .Order(StringComparer.Ordinal),
        ];

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "SendExchange.sln")))
            {
                return folder.FullName;
            }
        }
        throw new InvalidOperationException($"No SendExchange.sln above {AppContext.BaseDirectory}.");
    }
}
