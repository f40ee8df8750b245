/** App kind: the services of a release, with their images, ports and limits. */
import { lazyRouteComponent } from '@tanstack/react-router'
import { texts } from '../../texts/english.ts'
import type { KindRow } from '../kind-row.ts'
import type { DetailOf } from '../of-kind.ts'

const cards = () => import('./version-cards.tsx')

export const appKind: KindRow<DetailOf<'app'>> = {
  noun: 'app',
  list: { to: '/apps', text: texts.shell.nav.apps },
  settings: ({ app }) => app.config,
  Content: lazyRouteComponent(cards, 'ServicesCard'),
  Needs: lazyRouteComponent(cards, 'SettingsCard'),
}
