/** The colours of the ground, drawn by WebGL or without. */
export interface Palette {
  water: string
  land: string
  landEdge: string
  park: string
  street: string
  streetCasing: string
  mainRoad: string
  motorway: string
  motorwayCasing: string
  label: string
  parkLabel: string
  waterLabel: string
  halo: string
  circle: string
  accuracy: string
  track: string
}

const light: Palette = {
  water: '#b9d9ea',
  land: '#f4f2ec',
  landEdge: '#a6c9dc',
  park: '#cfe5c3',
  street: '#ffffff',
  streetCasing: '#e3ded3',
  mainRoad: '#fffdf6',
  motorway: '#f9d98b',
  motorwayCasing: '#e5ba5c',
  label: '#5a5f66',
  parkLabel: '#4b7a41',
  waterLabel: '#4f86a5',
  halo: '#ffffff',
  circle: '#0b6e5f',
  accuracy: '#1565d8',
  track: '#7a2fc4',
}

const dark: Palette = {
  water: '#0e2231',
  land: '#1c2127',
  landEdge: '#27435a',
  park: '#1f3328',
  street: '#2c333b',
  streetCasing: '#1c2127',
  mainRoad: '#3a434d',
  motorway: '#6b5a2f',
  motorwayCasing: '#3d351f',
  label: '#a5aeb8',
  parkLabel: '#7fae83',
  waterLabel: '#5f93b5',
  halo: '#14181d',
  circle: '#4fd1b8',
  accuracy: '#7db4ff',
  track: '#c79bff',
}

export function palette(isDark: boolean): Palette {
  return isDark ? dark : light
}
