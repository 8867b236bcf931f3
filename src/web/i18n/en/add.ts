export const texts = { title: 'Add targets' };
