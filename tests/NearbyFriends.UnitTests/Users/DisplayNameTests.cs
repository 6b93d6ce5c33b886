using NearbyFriends.Api.Users;

namespace NearbyFriends.UnitTests.Users;

public sealed class DisplayNameTests
{
    [Theory]
    [InlineData("Ada Lovelace")]
    [InlineData("김민지")]
    [InlineData("Żółć")]
    [InlineData("أمينة")]
    [InlineData("\u0915\u094D\u0937\u093F")] // conjunct of Devanagari
    [InlineData("Ada \U0001F469\u200D\U0001F4BB")] // woman technologist: joined by U+200D
    [InlineData("\u2764\uFE0F")] // red heart
    [InlineData("1\uFE0F\u20E3")] // keycap
    [InlineData("\U0001F3F4\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F")] // flag of Scotland
    public void Text_that_everybody_sees_as_it_is_may_be_a_name(string name) => Assert.True(DisplayName.IsValid(name));

    [Theory]
    [InlineData("")]
    [InlineData(" \u00A0")]
    [InlineData("a\nb")]
    [InlineData("\u202Eada")] // right-to-left override
    [InlineData("ada\u2066")] // isolate
    [InlineData("\u200B")] // zero-width space
    [InlineData("a\u200Db")] // a joiner that joins no emoji
    [InlineData("\u2764\u200D")] // or nothing
    [InlineData("\u3164")] // Hangul filler
    [InlineData("\u2800")] // blank of Braille
    [InlineData("a\uFE0F")] // a selector of no emoji
    [InlineData("a\U000E0041")] // a tag of no flag
    [InlineData("\u0301")] // an accent on nothing
    public void Text_that_hides_or_turns_may_not(string name) => Assert.False(DisplayName.IsValid(name));

    [Fact]
    public void A_name_has_64_characters_as_people_count_them()
    {
        const string Family = "\U0001F468\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466";

        Assert.True(DisplayName.IsValid(string.Concat(Enumerable.Repeat(Family, 64))));
        Assert.False(DisplayName.IsValid(new string('a', 65)));
        Assert.False(DisplayName.IsValid("a" + new string('\u0301', 100)));
    }
}
