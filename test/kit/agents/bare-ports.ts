/** Ports on the loopback of the bare sandbox. */
export const barePorts = { model: 18_080, pages: 8080 } as const;
