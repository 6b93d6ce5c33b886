using System.Xml;
using System.Xml.Linq;
using System.Xml.Schema;

namespace NearbyFriends.IntegrationTests.History;

/// <summary>
/// What GPX 1.1 demands of the elements that an exported history may have: their order, their types, and that foreign elements are
/// extensions. Whatever it accepts, a reader of the full format accepts.
/// </summary>
internal static class GpxSchema
{
    public const string Namespace = "http://www.topografix.com/GPX/1/1";

    private static readonly XmlSchemaSet Schemas = Compile();

    /// <summary>The root of a file that is valid.</summary>
    public static XElement Parse(string file)
    {
        var document = XDocument.Parse(file);
        document.Validate(Schemas, (_, invalid) => Assert.Fail(invalid.Message));
        return document.Root!;
    }

    private static XmlSchemaSet Compile()
    {
        var schemas = new XmlSchemaSet();
        using var text = new StringReader($"""
            <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="{Namespace}" targetNamespace="{Namespace}" elementFormDefault="qualified">
              <xs:element name="gpx">
                <xs:complexType>
                  <xs:sequence><xs:element name="trk" type="track" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>
                  <xs:attribute name="version" type="xs:string" use="required" fixed="1.1"/>
                  <xs:attribute name="creator" type="xs:string" use="required"/>
                </xs:complexType>
              </xs:element>
              <xs:complexType name="track">
                <xs:sequence><xs:element name="trkseg" type="segment" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>
              </xs:complexType>
              <xs:complexType name="segment">
                <xs:sequence><xs:element name="trkpt" type="point" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>
              </xs:complexType>
              <xs:complexType name="point">
                <xs:sequence>
                  <xs:element name="time" type="xs:dateTime" minOccurs="0"/>
                  <xs:element name="extensions" type="extensions" minOccurs="0"/>
                </xs:sequence>
                <xs:attribute name="lat" type="latitude" use="required"/>
                <xs:attribute name="lon" type="longitude" use="required"/>
              </xs:complexType>
              <xs:complexType name="extensions">
                <xs:sequence><xs:any namespace="##other" processContents="lax" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>
              </xs:complexType>
              <xs:simpleType name="latitude">
                <xs:restriction base="xs:decimal"><xs:minInclusive value="-90"/><xs:maxInclusive value="90"/></xs:restriction>
              </xs:simpleType>
              <xs:simpleType name="longitude">
                <xs:restriction base="xs:decimal"><xs:minInclusive value="-180"/><xs:maxExclusive value="180"/></xs:restriction>
              </xs:simpleType>
            </xs:schema>
            """);
        using var schema = XmlReader.Create(text);
        schemas.Add(Namespace, schema);
        schemas.Compile();
        return schemas;
    }
}
