using System.IO.Pipelines;

namespace Pipelines.Sockets.Unofficial;

/// <summary>Streams (TLS, say) as pipes.</summary>
public static class StreamConnection
{
    /// <summary>A stream that is read and written as a pair of pipes; ends with the stream.</summary>
    /// <param name="stream">Readable and writable.</param>
    /// <param name="sendPipeOptions">Of the output; its reader's scheduler runs the writing.</param>
    /// <param name="receivePipeOptions">Of the input.</param>
    /// <param name="name">For debuggers.</param>
    public static IDuplexPipe GetDuplex(Stream stream, PipeOptions? sendPipeOptions, PipeOptions? receivePipeOptions, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return new StreamPipe(stream, sendPipeOptions ?? PipeOptions.Default, receivePipeOptions ?? PipeOptions.Default, name ?? nameof(StreamPipe));
    }

    /// <summary>A stream that is only read.</summary>
    /// <param name="stream">Readable; disposed with the reader.</param>
    /// <param name="pipeOptions">Give the memory.</param>
    /// <param name="name">Not used.</param>
    public static PipeReader GetReader(Stream stream, PipeOptions? pipeOptions = null, string? name = null)
    {
        pipeOptions ??= PipeOptions.Default;
        return PipeReader.Create(stream, new StreamPipeReaderOptions(pipeOptions.Pool, pipeOptions.MinimumSegmentSize));
    }

    private sealed class StreamPipe : IMeasuredDuplexPipe
    {
        private readonly Stream _stream;
        private readonly Pipe _receive;
        private readonly Pipe _send;
        private readonly string _name;
        private long _sent;
        private long _received;

        public StreamPipe(Stream stream, PipeOptions sendOptions, PipeOptions receiveOptions, string name)
        {
            _stream = stream;
            _name = name;
            _send = new Pipe(sendOptions);
            _receive = new Pipe(receiveOptions);
            sendOptions.ReaderScheduler.Schedule(static pipe => _ = ((StreamPipe)pipe!).SendAsync(), this);
            receiveOptions.WriterScheduler.Schedule(static pipe => _ = ((StreamPipe)pipe!).ReceiveAsync(), this);
        }

        public PipeReader Input => _receive.Reader;

        public PipeWriter Output => _send.Writer;

        public long TotalBytesSent => Volatile.Read(ref _sent);

        public long TotalBytesReceived => Volatile.Read(ref _received);

        public override string ToString() => _name;

        private async Task ReceiveAsync()
        {
            Exception? failure = null;
            try
            {
                FlushResult flushed;
                do
                {
                    var received = await _stream.ReadAsync(_receive.Writer.GetMemory());
                    if (received == 0)
                        break;

                    Interlocked.Add(ref _received, received);
                    _receive.Writer.Advance(received);
                    flushed = await _receive.Writer.FlushAsync();
                }
                while (!flushed.IsCompleted && !flushed.IsCanceled);
            }
            catch (Exception error)
            {
                failure = error;
            }

            await _receive.Writer.CompleteAsync(failure);
        }

        private async Task SendAsync()
        {
            Exception? failure = null;
            try
            {
                ReadResult read;
                do
                {
                    read = await _send.Reader.ReadAsync();
                    foreach (var segment in read.Buffer)
                        await _stream.WriteAsync(segment);

                    Interlocked.Add(ref _sent, read.Buffer.Length);
                    _send.Reader.AdvanceTo(read.Buffer.End);
                    await _stream.FlushAsync();
                }
                while (!read.IsCompleted && !read.IsCanceled);
            }
            catch (Exception error)
            {
                failure = error;
            }

            await _send.Reader.CompleteAsync(failure);
        }
    }
}
