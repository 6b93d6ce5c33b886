using Mono.Cecil;

namespace NearbyFriends.ArchitectureTests;

/// <summary>Which namespaces of an assembly use which, read from its compiled code.</summary>
/// <remarks>
/// A namespace uses another if a type of it, or the code of that type, names a type of the other. What the compiler
/// inlines (constants) or drops (documentation) is not seen.
/// </remarks>
internal sealed class NamespaceGraph
{
    private readonly string _root;
    private readonly SortedDictionary<string, SortedDictionary<string, string>> _uses = new(StringComparer.Ordinal);

    private NamespaceGraph(string root) => _root = root;

    /// <summary>The graph of an assembly whose namespaces begin with its name.</summary>
    public static NamespaceGraph Of(System.Reflection.Assembly assembly)
    {
        var graph = new NamespaceGraph(assembly.GetName().Name!);
        using var module = ModuleDefinition.ReadModule(assembly.Location);
        foreach (var type in module.GetTypes())
        {
            foreach (var used in TypeUses.Of(type).SelectMany(TypeUses.Parts).OfType<TypeDefinition>())
            {
                graph.Add(Outermost(type), Outermost(used));
            }
        }

        return graph;
    }

    /// <summary>The uses that are part of a cycle, each with an example of a type that uses another.</summary>
    public IEnumerable<string> Cycles() =>
        from use in _uses
        from used in use.Value
        where Reaches(used.Key, use.Key)
        select $"{use.Key} -> {used.Key} ({used.Value})";

    private void Add(TypeDefinition from, TypeDefinition to)
    {
        if (from.Namespace == to.Namespace || !IsOurs(from) || !IsOurs(to))
        {
            return;
        }

        if (!_uses.TryGetValue(from.Namespace, out var used))
        {
            _uses[from.Namespace] = used = new(StringComparer.Ordinal);
        }

        used.TryAdd(to.Namespace, $"{from.Name} uses {to.Name}");
    }

    // Not what source generators put into namespaces of their own.
    private bool IsOurs(TypeDefinition type) =>
        type.Namespace == _root || type.Namespace.StartsWith(_root + ".", StringComparison.Ordinal);

    private bool Reaches(string from, string to)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal) { from };
        for (var open = new Stack<string>(seen); open.TryPop(out var next);)
        {
            if (next == to)
            {
                return true;
            }

            foreach (var used in _uses.GetValueOrDefault(next)?.Keys.Where(seen.Add) ?? [])
            {
                open.Push(used);
            }
        }

        return false;
    }

    private static TypeDefinition Outermost(TypeDefinition type) => type.DeclaringType is { } outer ? Outermost(outer) : type;
}
