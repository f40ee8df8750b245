/** Version cards of an app. */
import { AppServicesCard } from '../../pages/apps/services-card.tsx'
import type { DetailOf } from '../of-kind.ts'

export const ServicesCard = ({ version: { app } }: { version: DetailOf<'app'> }) => <AppServicesCard app={app} />
