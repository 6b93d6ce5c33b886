// Socket.IO with its Redis adapter, as its documentation shows it: a room for each user, which the friends join; the last location of
// each user in Redis, for the first list. PORT and REDIS (a URL) come from the environment.
import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";
import { people } from "./people.mjs";

const redis = createClient({ url: process.env.REDIS });
const subscriber = redis.duplicate();
await Promise.all([redis.connect(), subscriber.connect()]);

const http = createServer((request, response) => response.end("alive"));
const io = new Server(http, { adapter: createAdapter(redis, subscriber), transports: ["websocket"] });

io.on("connection", async (socket) => {
  const [id, ...friends] = people[Number(socket.handshake.query.user)];
  socket.on("move", async (lat, lon, time) => {
    const location = { id, lat, lon, time };
    await redis.set(`location:${id}`, JSON.stringify(location), { EX: 600 });
    io.to(`user:${id}`).emit("moved", location);
  });
  await socket.join(friends.map((friend) => `user:${friend}`));
  const locations = await redis.mGet(friends.map((friend) => `location:${friend}`));
  socket.emit("nearby", locations.filter((location) => location).map((location) => JSON.parse(location)));
});

http.listen(Number(process.env.PORT), "127.0.0.1");
