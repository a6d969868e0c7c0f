/** The devices of this page: three that make a key, and one that comes when one of them is lost. */
export const DEVICES = ['agent', 'person', 'recovery', 'phone'] as const

export type DeviceName = (typeof DEVICES)[number]

export const FIRST_DEVICES: readonly DeviceName[] = ['agent', 'person', 'recovery']

export const TITLES: { readonly [name in DeviceName]: string } = {
  agent: 'Agent',
  person: 'Person',
  recovery: 'Recovery',
  phone: 'New phone',
}

export const isDeviceName = (text: string): text is DeviceName => (DEVICES as readonly string[]).includes(text)

/** “Agent, Person and Recovery” */
export const listOf = (names: readonly string[]): string =>
  new Intl.ListFormat('en').format(names.map((name) => (isDeviceName(name) ? TITLES[name] : name)))

/** The IndexedDB databases of one device. */
export const databasesOf = (name: DeviceName) => ({
  shares: `locket-demo-keys/${name}/shares`,
  anchor: `locket-demo-keys/${name}/anchor`,
  device: `locket-demo-keys/${name}/device`,
})

/** The relay of this page, by the name of its channel. */
export const RELAY_CHANNEL = 'locket-demo-relay'
