namespace SendExchange.Sendx;

/// <summary>Who is asked for advice in a simulated authority.</summary>
/// <remarks>
/// The boards are the real ones of the authority's area, one each (from general knowledge, for plausibility only). Schools
/// and trusts are made up: their codes have the right form and belong to nobody.
/// </remarks>
internal sealed class SimulatedBodies
{
    private static readonly Dictionary<string, string> _boardOf = Boards();
    private readonly string[] _schools;

    /// <param name="authority">DfE number.</param>
    /// <param name="requests">Requests in the year: larger authorities ask more schools.</param>
    public SimulatedBodies(string authority, int requests)
    {
        LocalAuthority = $"la:{authority}";
        SocialCare = $"care:{authority}";
        var board = _boardOf.GetValueOrDefault(authority, "QZZ");
        Board = $"icb:{board}";
        Trust = $"trust:R{board}";
        _schools = [.. Enumerable.Range(1, Math.Clamp(requests / 50, 3, 60)).Select(number => $"9{authority}{number:00}")];
    }

    public string LocalAuthority { get; }
    public string SocialCare { get; }
    public string Board { get; }
    public string Trust { get; }

    /// <summary>Made-up URNs.</summary>
    public IReadOnlyList<string> Schools => _schools;

    /// <summary>Of the schools, the first few send facts themselves; the others' advice is known from its receipt.</summary>
    public static int SchoolsThatSend => 3;

    private static Dictionary<string, string> Boards()
    {
        (string Board, string Authorities)[] boards =
        [
            ("QRV", "205 207 213 304 307 310 312 313"),
            ("QMJ", "202 206 302 308 309"),
            ("QMF", "201 204 211 301 311 316 317 320"),
            ("QKK", "203 208 209 210 303 305"),
            ("QWE", "212 306 314 315 318 319"),
            ("QHL", "330 334"),
            ("QWU", "331 937"),
            ("QUA", "332 333 335 336"),
            ("QYG", "340 341 342 343 344 876 877 895 896"),
            ("QOP", "350 351 352 353 354 355 356 357 358 359"),
            ("QF7", "370 371 372 373"),
            ("QWO", "380 381 382 383 384"),
            ("QHM", "390 391 392 393 394 805 806 807 808 840 841 909 929 942"),
            ("QE1", "888 889 890 943"),
            ("QT6", "420 908"),
            ("QOX", "800 865 866"),
            ("QUY", "801 802 803"),
            ("QOQ", "810 811 812 813 815 816"),
            ("QHG", "821 822 823 826"),
            ("QU9", "825 869 870 872 931"),
            ("QNQ", "867 868 871"),
            ("QJ2", "830 831"),
            ("QVV", "835 836 837 838 839"),
            ("QNX", "845 846 938"),
            ("QRL", "850 851 852 921"),
            ("QK1", "855 856 857"),
            ("QNC", "860 861"),
            ("QUE", "873 874"),
            ("QJK", "878 879 880"),
            ("QH8", "881 882 883"),
            ("QGH", "884 885"),
            ("QKS", "886 887"),
            ("QT1", "891 892"),
            ("QOC", "893 894"),
            ("QR1", "916"),
            ("QM7", "919"),
            ("QJM", "925"),
            ("QMM", "926"),
            ("QPM", "928 940 941"),
            ("QSL", "933"),
            ("QJG", "935"),
            ("QXU", "936"),
        ];
        return boards
            .SelectMany(board => board.Authorities.Split(' ').Select(authority => (authority, board.Board)))
            .ToDictionary(pair => pair.authority, pair => pair.Board);
    }
}
