using System.ComponentModel;

namespace Grpc.Core;

/// <summary>Adds to the headers of a call before it starts; an exception fails the call.</summary>
public delegate Task AsyncAuthInterceptor(AuthInterceptorContext context, Metadata metadata);

public class AuthInterceptorContext(string serviceUrl, string methodName, CancellationToken cancellationToken)
{
    public AuthInterceptorContext(string serviceUrl, string methodName)
        : this(serviceUrl, methodName, CancellationToken.None) { }

    public string ServiceUrl { get; } = serviceUrl ?? throw new ArgumentNullException(nameof(serviceUrl));

    public string MethodName { get; } = methodName ?? throw new ArgumentNullException(nameof(methodName));

    public CancellationToken CancellationToken { get; } = cancellationToken;
}

/// <summary>Who is calling, for each call anew; a bearer token for one. Sent only over a secure channel unless the channel says otherwise.</summary>
public abstract class CallCredentials
{
    public static CallCredentials Compose(params CallCredentials[] credentials) => new ComposedCallCredentials(credentials);

    public static CallCredentials FromInterceptor(AsyncAuthInterceptor interceptor) => new InterceptorCallCredentials(interceptor);

    /// <summary>For channels, not for callers: tells what kind these credentials are.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public abstract void InternalPopulateConfiguration(CallCredentialsConfiguratorBase configurator, object? state);
}

public abstract class CallCredentialsConfiguratorBase
{
    public abstract void SetCompositeCredentials(object? state, IReadOnlyList<CallCredentials> credentials);

    public abstract void SetAsyncAuthInterceptorCredentials(object? state, AsyncAuthInterceptor interceptor);
}

internal sealed class ComposedCallCredentials : CallCredentials
{
    private readonly CallCredentials[] parts;

    public ComposedCallCredentials(CallCredentials[] credentials) =>
        parts =
            credentials is { Length: >= 2 } && credentials.All(part => part is not null)
                ? [.. credentials]
                : throw new ArgumentException("Composing takes two credentials or more, none of them null.", nameof(credentials));

    public override void InternalPopulateConfiguration(CallCredentialsConfiguratorBase configurator, object? state) =>
        configurator.SetCompositeCredentials(state, parts);
}

internal sealed class InterceptorCallCredentials(AsyncAuthInterceptor interceptor) : CallCredentials
{
    private readonly AsyncAuthInterceptor interceptor = interceptor ?? throw new ArgumentNullException(nameof(interceptor));

    public override void InternalPopulateConfiguration(CallCredentialsConfiguratorBase configurator, object? state) =>
        configurator.SetAsyncAuthInterceptorCredentials(state, interceptor);
}

/// <summary>How a channel secures its connection.</summary>
public abstract class ChannelCredentials
{
    public static ChannelCredentials Insecure { get; } = new InsecureCredentials();

    public static ChannelCredentials SecureSsl { get; } = new SslCredentials();

    /// <summary>A channel that sends these call credentials with every call.</summary>
    /// <exception cref="ArgumentException">The channel credentials carry call credentials already, or are insecure.</exception>
    public static ChannelCredentials Create(ChannelCredentials channelCredentials, CallCredentials callCredentials) =>
        new ComposedChannelCredentials(channelCredentials, callCredentials);

    /// <summary>For channels, not for callers: tells what kind these credentials are.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public abstract void InternalPopulateConfiguration(ChannelCredentialsConfiguratorBase configurator, object? state);
}

public abstract class ChannelCredentialsConfiguratorBase
{
    public abstract void SetInsecureCredentials(object? state);

    public abstract void SetSslCredentials(
        object? state,
        string? rootCertificates,
        KeyCertificatePair? keyCertificatePair,
        VerifyPeerCallback? verifyPeerCallback
    );

    public abstract void SetCompositeCredentials(object? state, ChannelCredentials channelCredentials, CallCredentials callCredentials);
}

internal sealed class InsecureCredentials : ChannelCredentials
{
    public override void InternalPopulateConfiguration(ChannelCredentialsConfiguratorBase configurator, object? state) =>
        configurator.SetInsecureCredentials(state);
}

internal sealed class ComposedChannelCredentials : ChannelCredentials
{
    private readonly ChannelCredentials channel;
    private readonly CallCredentials call;

    public ComposedChannelCredentials(ChannelCredentials channelCredentials, CallCredentials callCredentials)
    {
        ArgumentNullException.ThrowIfNull(channelCredentials);
        ArgumentNullException.ThrowIfNull(callCredentials);
        // A composed or derived channel credential says for itself whether it can be composed; ours: only a secure one.
        if (channelCredentials is InsecureCredentials or ComposedChannelCredentials)
        {
            throw new ArgumentException(
                $"Call credentials go with a secure channel; {channelCredentials.GetType().Name} cannot be composed.",
                nameof(channelCredentials)
            );
        }
        (channel, call) = (channelCredentials, callCredentials);
    }

    public override void InternalPopulateConfiguration(ChannelCredentialsConfiguratorBase configurator, object? state) =>
        configurator.SetCompositeCredentials(state, channel, call);
}

/// <summary>TLS. With neither certificates nor callback, the platform decides whom to trust.</summary>
public sealed class SslCredentials(
    string? rootCertificates = null,
    KeyCertificatePair? keyCertificatePair = null,
    VerifyPeerCallback? verifyPeerCallback = null
) : ChannelCredentials
{
    /// <summary>PEM.</summary>
    public string? RootCertificates { get; } = rootCertificates;

    public KeyCertificatePair? KeyCertificatePair { get; } = keyCertificatePair;

    public override void InternalPopulateConfiguration(ChannelCredentialsConfiguratorBase configurator, object? state) =>
        configurator.SetSslCredentials(state, RootCertificates, KeyCertificatePair, verifyPeerCallback);
}

/// <summary>A client certificate with its key, both PEM.</summary>
public sealed class KeyCertificatePair(string certificateChain, string privateKey)
{
    public string CertificateChain { get; } = certificateChain ?? throw new ArgumentNullException(nameof(certificateChain));

    public string PrivateKey { get; } = privateKey ?? throw new ArgumentNullException(nameof(privateKey));
}

/// <summary>True accepts the server.</summary>
public delegate bool VerifyPeerCallback(VerifyPeerContext context);

public class VerifyPeerContext
{
    internal VerifyPeerContext(string targetName, string peerPem) => (TargetName, PeerPem) = (targetName, peerPem);

    public string TargetName { get; }

    public string PeerPem { get; }
}
