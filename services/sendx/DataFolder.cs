using SendExchange.Chassis;

namespace SendExchange.Sendx;

/// <summary>The folder of a local exchange: its databases, its development key, and who is using it.</summary>
internal sealed class DataFolder : IDisposable
{
    public const string Default = "./.sendx";
    private const string KeyFile = "development-key";

    private readonly string _path;
    private readonly FileStream _lock;

    private DataFolder(string path, FileStream @lock) => (_path, _lock) = (path, @lock);

    /// <summary>Opens it for one exchange, making what is missing.</summary>
    /// <exception cref="DataFolderInUseException">Another exchange runs on it: an embedded database has one process.</exception>
    public static DataFolder Open(string path)
    {
        path = Path.GetFullPath(path);
        Directory.CreateDirectory(path);
        try
        {
            return new DataFolder(
                path,
                new FileStream(Path.Combine(path, "in-use"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None)
            );
        }
        catch (IOException)
        {
            throw new DataFolderInUseException($"Another exchange runs on {path}. Stop it, or choose another folder with --data.");
        }
    }

    public string DatabaseOf(string service) => Path.Combine(_path, service + ".db");

    /// <summary>The key that this exchange's tokens are signed with, made at first use and readable by its owner only.</summary>
    public string DevelopmentKey()
    {
        var file = Path.Combine(_path, KeyFile);
        if (!File.Exists(file))
        {
            File.WriteAllText(file, Auth.NewDevelopmentKey());
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }
        }
        return File.ReadAllText(file).Trim();
    }

    /// <summary>The key of a folder that an exchange may be running on; null where there is none.</summary>
    public static string? KeyAt(string path)
    {
        var file = Path.Combine(path, KeyFile);
        return File.Exists(file) ? File.ReadAllText(file).Trim() : null;
    }

    public void Dispose() => _lock.Dispose();
}

internal sealed class DataFolderInUseException(string message) : Exception(message);
