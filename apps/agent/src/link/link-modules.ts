/** Link modules: the code of the link, which is loaded after the start of serving. It takes a third of the start time. */

/** The check of a new version loads them too, so that its first start finds them compiled. */
export const loadLinkModules = () =>
  Promise.all([
    import('./link.ts'),
    import('../held/held-documents.ts'),
    import('../joining/renewal.ts'),
    import('../joining/authority-keeper.ts'),
    import('../joining/roots-trial.ts'),
  ])
