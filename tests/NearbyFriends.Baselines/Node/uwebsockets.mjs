// uWebSockets.js with its own publish and subscribe, as its documentation shows it: a topic for each user, which the friends subscribe
// to; the last location of each user in this process, for the first list. No broker, no second node. PORT comes from the environment.
import { App } from "@rjweb/uws";
import { people } from "./people.mjs";

const locations = new Map();
const text = new TextDecoder();

App()
  .ws("/", {
    upgrade: (response, request, context) => {
      const [id, ...friends] = people[Number(request.getQuery("user"))];
      response.upgrade(
        { id, friends },
        request.getHeader("sec-websocket-key"),
        request.getHeader("sec-websocket-protocol"),
        request.getHeader("sec-websocket-extensions"),
        context,
      );
    },
    open: (socket) => {
      const { friends } = socket.getUserData();
      friends.forEach((friend) => socket.subscribe(`user:${friend}`));
      const known = friends.map((friend) => locations.get(friend)).filter((location) => location);
      socket.send(JSON.stringify({ type: "nearby", friends: known }));
    },
    message: (socket, message) => {
      const { id } = socket.getUserData();
      const { lat, lon, time } = JSON.parse(text.decode(message));
      const location = { id, lat, lon, time };
      locations.set(id, location);
      socket.publish(`user:${id}`, JSON.stringify({ type: "moved", ...location }));
    },
  })
  .listen("127.0.0.1", Number(process.env.PORT), (listening) => {
    if (!listening) {
      throw new Error(`Port ${process.env.PORT} is taken.`);
    }
  });
