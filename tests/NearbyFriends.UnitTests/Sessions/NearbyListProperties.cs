using FsCheck;
using FsCheck.Fluent;
using NearbyFriends.Core.Geo;
using NearbyFriends.Gateway.Sessions;

namespace NearbyFriends.UnitTests.Sessions;

/// <summary>
/// The life cycle of a list against a plain reading of the rules: people on one road, a watcher on the same road, and a client
/// that believes what it is told.
/// </summary>
public sealed class NearbyListProperties
{
    private const int Friends = 5;

    // Friends stand between the whole metres and the watcher on them, so that nobody is on an edge (1,000 and 1,050 m).
    private static readonly Gen<int> Road = Gen.Choose(-2_500, 2_500);

    private static readonly Gen<Step> Steps = Gen.Frequency(
        (12, Gen.Choose(0, Friends - 1).Zip(Road, (friend, metres) => (Step)new FriendMoves(friend, metres + 0.5))),
        (2, Gen.Choose(0, Friends - 1).Select(friend => (Step)new FriendDisappears(friend))),
        (4, Road.Select(metres => (Step)new WatcherMoves(metres))),
        (5, Gen.Constant<Step>(new Flushes())),
        (1, Gen.Constant<Step>(new Opens())),
        (1, Gen.Constant<Step>(new Closes())));

    // A run that fails is shown without the steps that it does not need.
    private static readonly Arbitrary<Step[]> Lives = Arb.From(
        Steps.ArrayOf(), steps => Enumerable.Range(0, steps.Length).Select(left => steps.Where((_, i) => i != left).ToArray()));

    [Fact]
    public void After_every_flush_the_client_believes_what_the_rules_say() => Prop.ForAll(Lives, steps =>
        {
            var run = new Run();
            return Array.TrueForAll(steps, run.Take);
        })
        .Check(Config.QuickThrowOnFailure.WithMaxTest(5_000).WithEndSize(200));

    private abstract record Step;

    private sealed record FriendMoves(int Friend, double Metres) : Step;

    private sealed record FriendDisappears(int Friend) : Step;

    private sealed record WatcherMoves(double Metres) : Step;

    private sealed record Flushes : Step;

    private sealed record Opens : Step;

    private sealed record Closes : Step;

    private sealed class Run
    {
        private const int Radius = 1_000;

        private readonly NearbyList _list = new(Friends, Radius);
        private readonly double?[] _places = new double?[Friends];
        private readonly HashSet<int> _inside = [];
        private readonly HashSet<int> _changed = [];
        private HashSet<int> _believed = [];
        private double _centre;

        /// <summary>Takes a step; false when the list and the rules disagree after it.</summary>
        public bool Take(Step step)
        {
            switch (step)
            {
                case FriendMoves(var friend, var metres):
                    _places[friend] = metres;
                    Test(friend);
                    break;
                case FriendDisappears(var friend):
                    _places[friend] = null;
                    Test(friend);
                    break;
                case WatcherMoves(var metres):
                    _centre = metres;
                    _list.Centre = At(metres);
                    for (var friend = 0; friend < Friends; friend++)
                    {
                        Test(friend);
                    }

                    break;
                case Flushes:
                    return Flush();
                case Opens:
                    Open();
                    break;
                default:
                    _list.Close();
                    Forget();
                    break;
            }

            return _list.Total == _inside.Count;
        }

        private void Open()
        {
            _list.Open();
            _list.Centre = At(_centre);
            Forget();
            for (var friend = 0; friend < Friends; friend++)
            {
                Test(friend);
            }

            _list.TellAll(); // page 1
            _changed.Clear();
            _believed = [.. _inside];
        }

        private void Forget()
        {
            _inside.Clear();
            _changed.Clear();
            _believed.Clear();
        }

        private void Test(int friend)
        {
            _list.Test(friend, _places[friend] is { } place ? At(place) : null, changed: true);
            if (!_list.IsOpen)
            {
                return;
            }

            var limit = _inside.Contains(friend) ? Radius * 1.05 : Radius;
            if (_places[friend] is { } metres && Math.Abs(metres - _centre) <= limit)
            {
                _inside.Add(friend);
                _changed.Add(friend);
            }
            else
            {
                _inside.Remove(friend);
            }
        }

        private bool Flush()
        {
            var told = new HashSet<int>();
            foreach (var friend in _list.TakeWaiting())
            {
                var change = _list.Tell(friend);
                if (!told.Add(friend) || (change == ListChange.Left && !_believed.Contains(friend)))
                {
                    return false; // twice in one flush, or somebody left whom the client never saw
                }

                if (change == ListChange.Moved)
                {
                    _believed.Add(friend);
                }
                else if (change == ListChange.Left)
                {
                    _believed.Remove(friend);
                }
            }

            var everyMoveIsTold = _changed.Where(_inside.Contains).All(told.Contains);
            _changed.Clear();
            return everyMoveIsTold && _believed.SetEquals(_inside) && _list.Total == _inside.Count;
        }

        private static Location At(double metres) =>
            Location.FromDegrees(metres / (GreatCircle.EarthRadiusMetres * Math.PI / 180), 0, time: 1);
    }
}
