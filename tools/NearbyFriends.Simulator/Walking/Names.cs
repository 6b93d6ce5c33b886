namespace NearbyFriends.Simulator.Walking;

/// <summary>Display names for made-up people.</summary>
internal static class Names
{
    private static readonly string[] First =
    [
        "Ada", "Alan", "Amara", "Barbara", "Bo", "Carmen", "Chen", "Dev", "Edsger", "Elif", "Emeka", "Freya", "Grace", "Hana", "Ines", "Ivan",
        "Jun", "Kofi", "Lena", "Leslie", "Mai", "Mateo", "Nadia", "Noor", "Olga", "Omar", "Priya", "Quinn", "Rosa", "Sami", "Tomas", "Uma",
        "Vera", "Wei", "Ximena", "Yuki", "Zoe",
    ];

    private const string Initials = "ABCDEFGHIJKLMNOPRSTUVWYZ";

    public static string Of(int number) => $"{First[number % First.Length]} {Initials[number / First.Length % Initials.Length]}.";
}
