import type { AlertRule } from '@nearbyfriends/client'
import { signal } from '@preact/signals'
import { notify, notifyProblem } from '../app/notices'
import { selected } from '../app/selection'
import { t } from '../i18n'
import { distanceText } from '../i18n/units'
import { Latest } from '../session/latest'
import type { Session } from '../session/session'

/** The rule for every friend who has none of its own. */
export const ANYONE = 'anyone'

/** When the user is told that a friend came near, and the telling. */
export class Alerts {
  /** Metres by friend's id, or `ANYONE`. */
  readonly within = signal<ReadonlyMap<string, number>>(new Map())
  private readonly rules: Latest<AlertRule[]>
  private readonly endEvents: () => void

  constructor(private readonly session: Session) {
    this.rules = new Latest(
      () => session.api.alerts(),
      (rules) => (this.within.value = new Map(rules.map(({ userId, within }) => [userId, within]))),
    )
    const ends = [
      session.client.on('welcome', () => void this.rules.refresh()),
      session.client.on('alert', ({ friend: { id, name }, distance }) =>
        notify(t.value.alerts.near(name, distanceText(distance)), {
          stays: true,
          action: { text: t.value.alerts.show, do: () => (selected.value = { id, from: 'list' }) },
        }),
      ),
    ]
    this.endEvents = () => ends.forEach((end) => end())
  }

  end(): void {
    this.endEvents()
  }

  /** @param within Metres; null: no alert. */
  async set(userId: string, within: number | null): Promise<void> {
    try {
      if (within === null) await this.session.api.removeAlert(userId)
      else await this.session.api.setAlert(userId, within)
      const changed = new Map(this.within.value)
      if (within === null) changed.delete(userId)
      else changed.set(userId, within)
      this.within.value = changed
      this.rules.changed()
    } catch (failure) {
      notifyProblem(failure)
      this.within.value = new Map(this.within.value) // what was chosen does not hold: views show what does
    }
  }
}
