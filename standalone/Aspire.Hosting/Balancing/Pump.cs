using System.Buffers;
using System.Net.Sockets;

namespace Aspire.Hosting.Standalone;

/// <summary>Copies what one socket receives to another until either ends.</summary>
static class Pump
{
    const int BufferSize = 16 * 1024;

    public static async Task Copy(Socket from, Socket to)
    {
        try
        {
            while (true)
            {
                // A read of nothing returns when there is something: an idle connection holds no buffer.
                await from.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None);
                var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
                try
                {
                    var count = await from.ReceiveAsync(buffer, SocketFlags.None);
                    if (count == 0) break;

                    for (var sent = 0; sent < count;)
                    {
                        sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), SocketFlags.None);
                    }
                }
                finally
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                }
            }

            // The other direction may go on: one side has said all it had to say.
            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // One side is gone without a goodbye; so must the other be.
            from.Close(0);
            to.Close(0);
        }
    }
}
