export const texts = { title: 'Fleet' };
