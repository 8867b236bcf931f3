import type { Areas, Translated } from '../areas.ts';

export const texts: Translated<Areas['session']> = {
  away: 'Le serveur ne répond pas.',
  changePassword: 'Changer le mot de passe',
  currentPassword: 'Mot de passe actuel',
  currentWrong: 'Ce n’est pas le mot de passe actuel.',
  expired: 'Votre session est terminée. Connectez-vous pour reprendre là où vous étiez.',
  newPassword: 'Nouveau mot de passe',
  newPasswordAgain: 'Nouveau mot de passe, encore une fois',
  notTheSame: 'Les deux nouveaux mots de passe ne sont pas identiques.',
  password: 'Mot de passe',
  passwordChanged: 'Le mot de passe a été changé. Toutes les autres sessions sont terminées.',
  passwordRule: 'Au moins {{count, number}} caractères, et pas celui de l’installation.',
  signIn: 'Se connecter',
  signingIn: 'Connexion …',
  tagline: 'Est-ce joignable, à quelle vitesse, avec quelles pertes, depuis quand.',
  throttled_one: 'Trop de tentatives. Réessayez dans {{count, number}} seconde.',
  throttled_other: 'Trop de tentatives. Réessayez dans {{count, number}} secondes.',
  tooWeak: 'Il doit avoir au moins {{count, number}} caractères et ne pas être celui de l’installation.',
  username: 'Nom d’utilisateur',
  wrong: 'Le nom d’utilisateur ou le mot de passe est faux.',
};
