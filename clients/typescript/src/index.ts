export {
  NearbyApi, type AddedDevice, type AlertRule, type Device, type FoundUser, type FriendRequest, type HistoryPoint, type HistoryRange, type ListedFriend,
  type ListedUser, type Me,
} from './api.ts'
export { NearbyClient, type ClientEvents, type ListState, type NearbyClientOptions, type StrangersState } from './client.ts'
export type { ConnectionState, OpenSocket, Socket } from './connection.ts'
export { bearingTo, distanceBetween, EARTH_RADIUS } from './geo.ts'
export { ApiError, request, type RequestOptions } from './http.ts'
export type { ErrorMessage, FriendRequestEvent, FriendVisibility, LatLon, LeaveReason, OwnLocation, Visibility, Welcome } from './messages.ts'
export type { NearbyFriend } from './nearbyList.ts'
export type { Stranger } from './strangerList.ts'
export { webStorage, type PointStorage } from './offlineBuffer.ts'
export { cached, developmentTokens, register, type AccessToken } from './tokens.ts'
